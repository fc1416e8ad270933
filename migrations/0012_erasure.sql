DROP INDEX "skein"."messages_speaker";--> statement-breakpoint
ALTER TABLE "skein"."messages" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "messages_kept" ON "skein"."messages" USING btree ("created_at") WHERE "skein"."messages"."erased_at" is null;--> statement-breakpoint
CREATE INDEX "messages_speaker" ON "skein"."messages" USING btree ("speaker","conversation") WHERE "skein"."messages"."role" = 'user';