CREATE TABLE "skein"."summaries" (
	"draft" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"conversation" bigint NOT NULL,
	"until" text NOT NULL,
	"text" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "context_note" text;--> statement-breakpoint
ALTER TABLE "skein"."summaries" ADD CONSTRAINT "summaries_conversation_conversations_id_fk" FOREIGN KEY ("conversation") REFERENCES "skein"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "summaries_conversation" ON "skein"."summaries" USING btree ("conversation");--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD CONSTRAINT "replies_context_note" CHECK ("skein"."replies"."context_note" in ('summarised', 'left_out'));--> statement-breakpoint
-- A summary is there only while everything that it was made of is as it was: what was edited or deleted must not live on
-- in it, whichever way it went. Reading what Slack sent (text that was not there) is no change.
CREATE FUNCTION skein.drop_summary() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said skein.messages := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  DELETE FROM skein.summaries s
  WHERE s.conversation = said.conversation AND said.slack_ts COLLATE "C" <= s.until;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER messages_said AFTER INSERT OR DELETE ON skein.messages
FOR EACH ROW EXECUTE FUNCTION skein.drop_summary();--> statement-breakpoint
CREATE TRIGGER messages_changed AFTER UPDATE OF raw, text, in_context, deleted_at ON skein.messages
FOR EACH ROW WHEN (
  OLD.raw IS DISTINCT FROM NEW.raw OR OLD.in_context <> NEW.in_context
  OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at
  OR (OLD.text IS NOT NULL AND OLD.text IS DISTINCT FROM NEW.text))
EXECUTE FUNCTION skein.drop_summary();
