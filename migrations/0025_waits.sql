ALTER TABLE "skein"."replies" ADD COLUMN "waits_for" text;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "waits_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "waits_told" boolean DEFAULT false NOT NULL;