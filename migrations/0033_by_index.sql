-- outside a transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "replies_instructions" ON "skein"."replies" USING btree ("instructions_hash") WHERE "skein"."replies"."instructions_hash" is not null;--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "replies_instructions_whole" ON "skein"."replies" USING btree ("id") WHERE "skein"."replies"."instructions" <> '';--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "versions_instructions" ON "skein"."versions" USING btree ("instructions_hash") WHERE "skein"."versions"."instructions_hash" is not null;--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "versions_instructions_whole" ON "skein"."versions" USING btree ("reply","version") WHERE "skein"."versions"."instructions" <> '';--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "messages_speakers" ON "skein"."messages" USING btree ("conversation","speaker") WHERE "skein"."messages"."role" = 'user' and ("skein"."messages"."deleted_at" is null or "skein"."messages"."erased_at" is not null);
