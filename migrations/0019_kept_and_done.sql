-- outside a transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "messages_kept_in" ON "skein"."messages" USING btree ("conversation","created_at") WHERE "skein"."messages"."erased_at" is null;--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "jobs_done" ON "skein"."jobs" USING btree ("done_at") WHERE "skein"."jobs"."done_at" is not null;
