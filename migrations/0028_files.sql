-- Expand: what is made of people's files, and which files answers came with. Nothing that is there changes.
CREATE TABLE "skein"."attachments" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "skein"."attachments_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"message" bigint NOT NULL,
	"team" text NOT NULL,
	"file" text NOT NULL,
	"name" text NOT NULL,
	"size" bigint,
	"what" text,
	"hash" text,
	"cut" boolean DEFAULT false NOT NULL,
	"why" text,
	"reply" uuid,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "attachments_once" UNIQUE("message","file"),
	CONSTRAINT "attachments_made" CHECK (("skein"."attachments"."hash" is null) <> ("skein"."attachments"."why" is null))
);
--> statement-breakpoint
CREATE TABLE "skein"."contents" (
	"team" text NOT NULL,
	"hash" text NOT NULL,
	"media" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"size" integer NOT NULL,
	"width" integer DEFAULT 0 NOT NULL,
	"height" integer DEFAULT 0 NOT NULL,
	"pages" integer DEFAULT 1 NOT NULL,
	"kept_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "contents_team_hash_pk" PRIMARY KEY("team","hash")
);
--> statement-breakpoint
CREATE TABLE "skein"."sent_files" (
	"reply" uuid NOT NULL,
	"version" integer NOT NULL,
	"at" integer NOT NULL,
	"state" text DEFAULT 'intended' NOT NULL,
	"file" text,
	"intended_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sent_files_reply_version_at_pk" PRIMARY KEY("reply","version","at")
);
--> statement-breakpoint
ALTER TABLE "skein"."attachments" ADD CONSTRAINT "attachments_message_messages_id_fk" FOREIGN KEY ("message") REFERENCES "skein"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."attachments" ADD CONSTRAINT "attachments_team_hash_contents_team_hash_fk" FOREIGN KEY ("team","hash") REFERENCES "skein"."contents"("team","hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."sent_files" ADD CONSTRAINT "sent_files_reply_replies_id_fk" FOREIGN KEY ("reply") REFERENCES "skein"."replies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "attachments_reply" ON "skein"."attachments" USING btree ("reply");--> statement-breakpoint
CREATE INDEX "attachments_content" ON "skein"."attachments" USING btree ("team","hash");--> statement-breakpoint
CREATE INDEX "contents_kept" ON "skein"."contents" USING btree ("team","kept_at");--> statement-breakpoint
-- A content goes with the last attachment that has it. It is locked first: whoever stores the same content for another
-- message at this moment holds that lock until the other attachment is there to be seen.
CREATE FUNCTION skein.drop_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM skein.contents c WHERE c.team = OLD.team AND c.hash = OLD.hash FOR UPDATE;
  DELETE FROM skein.contents c WHERE c.team = OLD.team AND c.hash = OLD.hash
    AND NOT EXISTS (SELECT FROM skein.attachments a WHERE a.team = OLD.team AND a.hash = OLD.hash);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER attachments_gone AFTER DELETE ON skein.attachments
FOR EACH ROW WHEN (OLD.hash IS NOT NULL) EXECUTE FUNCTION skein.drop_content();--> statement-breakpoint
CREATE TRIGGER attachments_changed AFTER UPDATE OF hash ON skein.attachments
FOR EACH ROW WHEN (OLD.hash IS NOT NULL AND OLD.hash IS DISTINCT FROM NEW.hash) EXECUTE FUNCTION skein.drop_content();--> statement-breakpoint
-- What hangs on a message goes with its words, whichever way these go.
CREATE FUNCTION skein.drop_attachments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM skein.attachments a WHERE a.message = NEW.id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER messages_without_words AFTER UPDATE OF raw, deleted_at ON skein.messages
FOR EACH ROW WHEN (NEW.raw IS NULL AND NEW.deleted_at IS NOT NULL AND NEW.role = 'user')
EXECUTE FUNCTION skein.drop_attachments();
