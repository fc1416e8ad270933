-- outside a transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "replies_leftovers" ON "skein"."replies" USING btree ("shown_at") WHERE "skein"."replies"."leftovers" <> '{}';