CREATE TABLE "skein"."pending_questions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"team" text NOT NULL,
	"channel" text NOT NULL,
	"thread_ts" text,
	"person" text NOT NULL,
	"direct" boolean NOT NULL,
	"shown" text NOT NULL,
	"question" text NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "pending_questions_at" ON "skein"."pending_questions" USING btree ("at");