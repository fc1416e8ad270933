-- outside a transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "usage_at" ON "skein"."usage" USING brin ("at");--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "usage_open" ON "skein"."usage" USING btree ("at") WHERE "skein"."usage"."open";
