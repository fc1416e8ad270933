ALTER TABLE "skein"."replies" ADD COLUMN "streaming" text DEFAULT 'edit' NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "asker_team" text;--> statement-breakpoint
ALTER TABLE "skein"."segments" ADD COLUMN "streaming" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD CONSTRAINT "replies_streaming" CHECK ("skein"."replies"."streaming" in ('edit', 'native', 'auto'));