-- Expand: the text of an answer that is being written comes into rows of its own. `replies.log` stays, and holds the
-- text of a version that has ended; an older program that runs beside goes on from there, and buys the rest again.
CREATE TABLE "skein"."pieces" (
	"reply" uuid NOT NULL,
	"at" integer NOT NULL,
	"units" integer NOT NULL,
	"text" text NOT NULL,
	CONSTRAINT "pieces_reply_at_pk" PRIMARY KEY("reply","at")
);
--> statement-breakpoint
ALTER TABLE "skein"."pieces" ADD CONSTRAINT "pieces_reply_replies_id_fk" FOREIGN KEY ("reply") REFERENCES "skein"."replies"("id") ON DELETE cascade ON UPDATE no action NOT VALID;
--> statement-breakpoint
ALTER TABLE "skein"."pieces" VALIDATE CONSTRAINT "pieces_reply_replies_id_fk";