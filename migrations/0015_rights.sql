CREATE TABLE "skein"."presses" (
	"key" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "skein"."pending_wishes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"team" text NOT NULL,
	"person" text NOT NULL,
	"form" text NOT NULL,
	"wish" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "skein"."replies" DROP CONSTRAINT "replies_state";--> statement-breakpoint
CREATE INDEX "presses_at" ON "skein"."presses" USING btree ("at");--> statement-breakpoint
CREATE INDEX "pending_wishes_at" ON "skein"."pending_wishes" USING btree ("at");--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD CONSTRAINT "replies_state" CHECK ("skein"."replies"."state" in ('waiting', 'writing', 'answered', 'shown', 'failed', 'refused', 'removing', 'deleted')) NOT VALID;--> statement-breakpoint
ALTER TABLE "skein"."replies" VALIDATE CONSTRAINT "replies_state";--> statement-breakpoint
-- What was refused before was said to be shown: it never had an answer, and an edit or a press could open it.
UPDATE "skein"."replies" r SET "state" = 'refused' FROM "skein"."messages" m
WHERE m.id = r.question AND r.state = 'shown' AND r.answered_at IS NULL AND m.deleted_at IS NULL
  AND NOT EXISTS (SELECT FROM "skein"."segments" s WHERE s.reply = r.id);