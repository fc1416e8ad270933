CREATE TABLE "skein"."refusals" (
	"team" text NOT NULL,
	"channel" text NOT NULL,
	"person" text NOT NULL,
	"day" date NOT NULL,
	CONSTRAINT "refusals_day_team_channel_person_pk" PRIMARY KEY("day","team","channel","person")
);
--> statement-breakpoint
CREATE TABLE "skein"."setting_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "skein"."setting_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"team" text NOT NULL,
	"scope" text NOT NULL,
	"scope_id" text NOT NULL,
	"key" text NOT NULL,
	"from_value" text,
	"to_value" text,
	"by" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "setting_changes_scope" CHECK ("skein"."setting_changes"."scope" in ('person', 'channel', 'workspace'))
);
--> statement-breakpoint
CREATE TABLE "skein"."settings" (
	"team" text NOT NULL,
	"scope" text NOT NULL,
	"scope_id" text NOT NULL,
	"key" text NOT NULL,
	"value" text NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "settings_team_scope_scope_id_key_pk" PRIMARY KEY("team","scope","scope_id","key"),
	CONSTRAINT "settings_scope" CHECK ("skein"."settings"."scope" in ('person', 'channel', 'workspace'))
);
--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "effort" text DEFAULT 'auto' NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "ping_after" integer;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "pinged_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "setting_changes_scope" ON "skein"."setting_changes" USING btree ("team","scope","scope_id","id");