-- Replies are many and being written while this runs: the rule is exchanged at once, and what is there is looked at
-- under a lock that lets them be written.
ALTER TABLE "skein"."replies" DROP CONSTRAINT "replies_context_note";--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD CONSTRAINT "replies_context_note" CHECK ("skein"."replies"."context_note" in ('summarised', 'left_out', 'unread')) NOT VALID;--> statement-breakpoint
ALTER TABLE "skein"."replies" VALIDATE CONSTRAINT "replies_context_note";
