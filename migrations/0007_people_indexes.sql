CREATE INDEX "feedback_person" ON "skein"."feedback" USING btree ("person");--> statement-breakpoint
CREATE INDEX "messages_speaker" ON "skein"."messages" USING btree ("speaker") WHERE "skein"."messages"."role" = 'user' and "skein"."messages"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "usage_person_at" ON "skein"."usage" USING btree ("team","person","at");