CREATE TABLE "skein"."answer_blocks" (
	"reply" uuid NOT NULL,
	"version" integer NOT NULL,
	"seq" integer NOT NULL,
	"upto" integer NOT NULL,
	"call" integer NOT NULL,
	"block" text,
	CONSTRAINT "answer_blocks_reply_version_seq_pk" PRIMARY KEY("reply","version","seq")
);
--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "has_blocks" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "tool_note" text;--> statement-breakpoint
ALTER TABLE "skein"."answer_blocks" ADD CONSTRAINT "answer_blocks_reply_replies_id_fk" FOREIGN KEY ("reply") REFERENCES "skein"."replies"("id") ON DELETE cascade ON UPDATE no action;