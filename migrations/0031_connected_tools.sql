CREATE TABLE "skein"."tool_calls" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reply" uuid NOT NULL,
	"version" integer NOT NULL,
	"use" text NOT NULL,
	"team" text NOT NULL,
	"server" text NOT NULL,
	"tool" text NOT NULL,
	"title" text NOT NULL,
	"input" text NOT NULL,
	"reads" boolean NOT NULL,
	"repeatable" boolean NOT NULL,
	"account" text NOT NULL,
	"person" text NOT NULL,
	"state" text NOT NULL,
	"decided_by" text,
	"decided_at" timestamp with time zone,
	"result" text,
	"sharing" text,
	"card_intent" timestamp with time zone,
	"card_ts" text,
	"card_shown" text,
	"share_intent" timestamp with time zone,
	"share_ts" text,
	"share_shown" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"begun_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "tool_calls_use" UNIQUE("reply","use"),
	CONSTRAINT "tool_calls_state" CHECK ("skein"."tool_calls"."state" in ('proposed', 'approved', 'denied', 'expired', 'refused', 'running', 'done', 'failed', 'unknown')),
	CONSTRAINT "tool_calls_sharing" CHECK ("skein"."tool_calls"."sharing" in ('withheld', 'released', 'kept'))
);
--> statement-breakpoint
CREATE TABLE "skein"."tool_grants" (
	"conversation" bigint NOT NULL,
	"server" text NOT NULL,
	"tool" text NOT NULL,
	"person" text NOT NULL,
	"granted_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tool_grants_conversation_server_tool_person_pk" PRIMARY KEY("conversation","server","tool","person")
);
--> statement-breakpoint
CREATE TABLE "skein"."tool_accounts" (
	"server" uuid NOT NULL,
	"team" text NOT NULL,
	"person" text NOT NULL,
	"tokens" text NOT NULL,
	"expires_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"refreshing_until" timestamp with time zone,
	"linked_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tool_accounts_server_person_pk" PRIMARY KEY("server","person")
);
--> statement-breakpoint
CREATE TABLE "skein"."tool_links" (
	"state" text PRIMARY KEY NOT NULL,
	"server" uuid NOT NULL,
	"team" text NOT NULL,
	"person" text NOT NULL,
	"browser" text,
	"verifier" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "skein"."tool_servers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"team" text NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"account" text NOT NULL,
	"people" text DEFAULT 'members' NOT NULL,
	"changes" text DEFAULT 'ask' NOT NULL,
	"secret" text,
	"oauth" text,
	"listing" text DEFAULT '[]' NOT NULL,
	"pinned_at" timestamp with time zone,
	"listing_changed" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"connected_by" text NOT NULL,
	"connected_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tool_servers_name" UNIQUE("team","name"),
	CONSTRAINT "tool_servers_account" CHECK ("skein"."tool_servers"."account" in ('none', 'workspace', 'person')),
	CONSTRAINT "tool_servers_people" CHECK ("skein"."tool_servers"."people" in ('everyone', 'members', 'admins')),
	CONSTRAINT "tool_servers_changes" CHECK ("skein"."tool_servers"."changes" in ('ask', 'off'))
);
--> statement-breakpoint
ALTER TABLE "skein"."deeds" ADD COLUMN "tool" text;--> statement-breakpoint
ALTER TABLE "skein"."tool_calls" ADD CONSTRAINT "tool_calls_reply_replies_id_fk" FOREIGN KEY ("reply") REFERENCES "skein"."replies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."tool_grants" ADD CONSTRAINT "tool_grants_conversation_conversations_id_fk" FOREIGN KEY ("conversation") REFERENCES "skein"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."tool_accounts" ADD CONSTRAINT "tool_accounts_server_tool_servers_id_fk" FOREIGN KEY ("server") REFERENCES "skein"."tool_servers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."tool_links" ADD CONSTRAINT "tool_links_server_tool_servers_id_fk" FOREIGN KEY ("server") REFERENCES "skein"."tool_servers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "tool_calls_team" ON "skein"."tool_calls" USING btree ("team","created_at");--> statement-breakpoint
CREATE INDEX "tool_calls_open" ON "skein"."tool_calls" USING btree ("created_at") WHERE state = 'proposed' or sharing = 'withheld';--> statement-breakpoint
CREATE INDEX "tool_calls_stale" ON "skein"."tool_calls" USING btree ("created_at") WHERE (card_intent is not null and card_shown is distinct from state)
  or (share_intent is not null and share_shown is distinct from sharing);--> statement-breakpoint
CREATE INDEX "tool_grants_person" ON "skein"."tool_grants" USING btree ("person");--> statement-breakpoint
CREATE INDEX "tool_accounts_person" ON "skein"."tool_accounts" USING btree ("team","person");--> statement-breakpoint
CREATE INDEX "tool_links_created" ON "skein"."tool_links" USING btree ("created_at");--> statement-breakpoint
-- What is done with calls of tools is recorded by whoever changes their rows, so that nothing is done without: a call that leaves,
-- one that a person approved or denied, one that nobody decided about in time, and a tool that needs no further word in a thread.
CREATE FUNCTION skein.note_tool_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO skein.deeds (team, person, what, scope, scope_id, tool)
  SELECT NEW.team,
    CASE NEW.state WHEN 'running' THEN NEW.person WHEN 'expired' THEN NULL ELSE NEW.decided_by END,
    CASE NEW.state WHEN 'running' THEN 'tool_called' ELSE 'tool_' || NEW.state END,
    'channel', c.channel, NEW.server || '/' || NEW.tool
  FROM skein.replies r JOIN skein.conversations c ON c.id = r.conversation WHERE r.id = NEW.reply;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER tool_calls_deeds AFTER UPDATE OF state ON skein.tool_calls FOR EACH ROW
WHEN (NEW.state IS DISTINCT FROM OLD.state
  AND (NEW.state = 'running' OR (OLD.state = 'proposed' AND NEW.state IN ('approved', 'denied', 'expired'))))
EXECUTE FUNCTION skein.note_tool_call();--> statement-breakpoint
CREATE FUNCTION skein.note_tool_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO skein.deeds (team, person, what, scope, scope_id, tool)
  SELECT c.team, NEW.person, 'tool_granted', 'channel', c.channel, NEW.server || '/' || NEW.tool
  FROM skein.conversations c WHERE c.id = NEW.conversation;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER tool_grants_deeds AFTER INSERT ON skein.tool_grants FOR EACH ROW EXECUTE FUNCTION skein.note_tool_grant();
