ALTER TABLE "skein"."pending_commands" ADD COLUMN "file" text;--> statement-breakpoint
ALTER TABLE "skein"."pending_questions" ADD COLUMN "person_team" text;--> statement-breakpoint
ALTER TABLE "skein"."pending_wishes" ADD COLUMN "person_team" text;