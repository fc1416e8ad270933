CREATE TABLE "skein"."budget_turns" (
	"team" text PRIMARY KEY NOT NULL,
	"turn" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "skein"."spent" (
	"team" text NOT NULL,
	"scope" text NOT NULL,
	"scope_id" text NOT NULL,
	"day" date NOT NULL,
	"cost_nano" bigint NOT NULL,
	"tokens" bigint NOT NULL,
	CONSTRAINT "spent_once" PRIMARY KEY("team","scope","scope_id","day")
);
--> statement-breakpoint
ALTER TABLE "skein"."budget_alerts" DROP CONSTRAINT "budget_alerts_scope";--> statement-breakpoint
ALTER TABLE "skein"."budget_alerts" ADD COLUMN "taken_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "skein"."reservations" ADD COLUMN "call" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."usage" ADD COLUMN "web_searches" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."usage" ADD COLUMN "assumed_nano" bigint;--> statement-breakpoint
ALTER TABLE "skein"."usage" ADD COLUMN "open" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "call_from" integer;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "call_prompt" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."budget_alerts" ADD CONSTRAINT "budget_alerts_scope" CHECK ("skein"."budget_alerts"."scope" in ('deployment', 'workspace', 'channel', 'person')) NOT VALID;--> statement-breakpoint
ALTER TABLE "skein"."budget_alerts" VALIDATE CONSTRAINT "budget_alerts_scope";
--> statement-breakpoint
-- Entries of this month without a known price count at the dearest of the price table of 2026-11-22, as they did so far.
UPDATE skein.usage SET assumed_nano = input_tokens::bigint * 10000 + cache_write_5m_tokens::bigint * 12500
  + cache_write_1h_tokens::bigint * 20000 + cache_read_tokens::bigint * 1000 + output_tokens::bigint * 50000
WHERE cost_nano IS NULL AND at >= date_trunc('month', now() at time zone 'utc') at time zone 'utc';
--> statement-breakpoint
-- All tokens of an entry, as its counters count them.
CREATE FUNCTION skein.tokens_of(u skein.usage) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  select u.input_tokens::bigint + u.cache_write_5m_tokens + u.cache_write_1h_tokens + u.cache_read_tokens + u.output_tokens
$$;
--> statement-breakpoint
-- The counters follow the ledger in the transaction that changes it. A call that runs is in none: what is set aside for
-- it stands for it. Every entry takes the rows in the same order (workspace, channel, person), so that none waits in a circle.
CREATE FUNCTION skein.count_spent() RETURNS trigger LANGUAGE plpgsql AS $$
declare
  cost bigint := 0;
  used bigint := 0;
  counted date := (new.at at time zone 'utc')::date;
begin
  if not new.open then
    cost := coalesce(new.cost_nano, new.assumed_nano, 0);
    used := skein.tokens_of(new);
  end if;
  if tg_op = 'UPDATE' and not old.open then
    cost := cost - coalesce(old.cost_nano, old.assumed_nano, 0);
    used := used - skein.tokens_of(old);
  end if;
  if cost <> 0 or used <> 0 then
    insert into skein.spent as s (team, scope, scope_id, day, cost_nano, tokens)
    values (new.team, 'workspace', new.team, counted, cost, used), (new.team, 'channel', new.channel, counted, cost, used),
      (new.team, 'person', new.person, counted, cost, used)
    on conflict (team, scope, scope_id, day)
      do update set cost_nano = s.cost_nano + excluded.cost_nano, tokens = s.tokens + excluded.tokens;
  end if;
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER usage_counted AFTER INSERT OR UPDATE ON skein.usage FOR EACH ROW EXECUTE FUNCTION skein.count_spent();
--> statement-breakpoint
-- The present month, behind the lock that making the trigger took.
INSERT INTO skein.spent (team, scope, scope_id, day, cost_nano, tokens)
SELECT u.team, w.scope, w.id, (u.at at time zone 'utc')::date, sum(coalesce(u.cost_nano, u.assumed_nano, 0)),
  sum(skein.tokens_of(u))
FROM skein.usage u, lateral (values ('workspace', u.team), ('channel', u.channel), ('person', u.person)) as w (scope, id)
WHERE u.at >= date_trunc('month', now() at time zone 'utc') at time zone 'utc'
GROUP BY 1, 2, 3, 4;
