CREATE TABLE "skein"."budget_alerts" (
	"team" text NOT NULL,
	"scope" text NOT NULL,
	"scope_id" text NOT NULL,
	"period" text NOT NULL,
	"starts" date NOT NULL,
	"most_nano" bigint NOT NULL,
	"level" integer NOT NULL,
	"spent_nano" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"told_at" timestamp with time zone,
	CONSTRAINT "budget_alerts_once" PRIMARY KEY("team","scope","scope_id","period","starts","most_nano","level"),
	CONSTRAINT "budget_alerts_scope" CHECK ("skein"."budget_alerts"."scope" in ('workspace', 'channel', 'person')),
	CONSTRAINT "budget_alerts_period" CHECK ("skein"."budget_alerts"."period" in ('day', 'month'))
);
--> statement-breakpoint
CREATE TABLE "skein"."reservations" (
	"reply" uuid PRIMARY KEY NOT NULL,
	"team" text NOT NULL,
	"channel" text NOT NULL,
	"person" text NOT NULL,
	"cost_nano" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reservations_cost" CHECK ("skein"."reservations"."cost_nano" >= 0)
);
--> statement-breakpoint
CREATE INDEX "budget_alerts_untold" ON "skein"."budget_alerts" USING btree ("at") WHERE "skein"."budget_alerts"."told_at" is null;--> statement-breakpoint
CREATE INDEX "reservations_team" ON "skein"."reservations" USING btree ("team");