CREATE TABLE "skein"."feedback" (
	"reply" uuid NOT NULL,
	"version" integer NOT NULL,
	"person" text NOT NULL,
	"verdict" text NOT NULL,
	"reason" text,
	"instructions_hash" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "feedback_reply_version_person_pk" PRIMARY KEY("reply","version","person"),
	CONSTRAINT "feedback_verdict" CHECK ("skein"."feedback"."verdict" in ('good', 'bad'))
);
--> statement-breakpoint
CREATE TABLE "skein"."versions" (
	"reply" uuid NOT NULL,
	"version" integer NOT NULL,
	"text" text NOT NULL,
	"units" integer NOT NULL,
	"stop_reason" text,
	"stopped_by" text,
	"error_code" text,
	"request_id" text,
	"model" text NOT NULL,
	"max_tokens" integer NOT NULL,
	"instructions" text NOT NULL,
	"calls" integer[] NOT NULL,
	"begun_at" timestamp with time zone NOT NULL,
	"continued_at" integer NOT NULL,
	"answered_at" timestamp with time zone,
	CONSTRAINT "versions_reply_version_pk" PRIMARY KEY("reply","version")
);
--> statement-breakpoint
ALTER TABLE "skein"."replies" DROP CONSTRAINT "replies_state";--> statement-breakpoint
DROP INDEX "skein"."replies_open";--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "versions" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "version_calls" integer[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "begun_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "continued_at" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "opened_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "changes" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "deleted_by" text;--> statement-breakpoint
ALTER TABLE "skein"."feedback" ADD CONSTRAINT "feedback_reply_replies_id_fk" FOREIGN KEY ("reply") REFERENCES "skein"."replies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."versions" ADD CONSTRAINT "versions_reply_replies_id_fk" FOREIGN KEY ("reply") REFERENCES "skein"."replies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "feedback_instructions" ON "skein"."feedback" USING btree ("instructions_hash","verdict");--> statement-breakpoint
CREATE INDEX "replies_open" ON "skein"."replies" USING btree ("created_at") WHERE "skein"."replies"."state" in ('waiting', 'writing', 'answered', 'removing');--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD CONSTRAINT "replies_state" CHECK ("skein"."replies"."state" in ('waiting', 'writing', 'answered', 'shown', 'failed', 'removing', 'deleted'));--> statement-breakpoint
-- Replies from before were made of all their calls.
UPDATE "skein"."replies" SET "version_calls" = ARRAY(SELECT generate_series(1, "calls")) WHERE "calls" > 0;
