-- Expand: the instructions that an answer was written under are kept once, and answers name them by hash. Every program
-- goes on writing the text; the triggers below put the hash in its place, and leave the text where it is while a program
-- that knows no hash is alive. What is there already is moved in batches (`settle_instructions`).
CREATE TABLE "skein"."instructions" (
	"hash" text PRIMARY KEY NOT NULL,
	"text" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "skein"."workers" ADD COLUMN "program" integer;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD COLUMN "instructions_hash" text;--> statement-breakpoint
ALTER TABLE "skein"."versions" ADD COLUMN "instructions_hash" text;--> statement-breakpoint
-- Not validated: every row there is has none, and reading them all would keep writers waiting.
ALTER TABLE "skein"."replies" ADD CONSTRAINT "replies_instructions_hash_instructions_hash_fk" FOREIGN KEY ("instructions_hash") REFERENCES "skein"."instructions"("hash") ON DELETE no action ON UPDATE no action NOT VALID;--> statement-breakpoint
ALTER TABLE "skein"."versions" ADD CONSTRAINT "versions_instructions_hash_instructions_hash_fk" FOREIGN KEY ("instructions_hash") REFERENCES "skein"."instructions"("hash") ON DELETE no action ON UPDATE no action NOT VALID;--> statement-breakpoint
CREATE FUNCTION skein.keep_instructions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.instructions = '' THEN
    new.instructions_hash := NULL;
    RETURN new;
  END IF;
  new.instructions_hash := encode(sha256(convert_to(new.instructions, 'UTF8')), 'hex');
  LOOP
    INSERT INTO skein.instructions (hash, text) VALUES (new.instructions_hash, new.instructions) ON CONFLICT DO NOTHING;
    -- Until the end of the transaction nobody takes it for unused.
    PERFORM FROM skein.instructions i WHERE i.hash = new.instructions_hash FOR KEY SHARE;
    EXIT WHEN FOUND;
  END LOOP;
  IF NOT EXISTS (SELECT FROM skein.workers w WHERE w.program IS NULL) THEN
    new.instructions := '';
  END IF;
  RETURN new;
END
$$;--> statement-breakpoint
-- An insert of '' may bring the hash of a row that was moved; an update of the text says what holds.
CREATE TRIGGER replies_keep_instructions_of_new BEFORE INSERT ON skein.replies
FOR EACH ROW WHEN (new.instructions <> '') EXECUTE FUNCTION skein.keep_instructions();--> statement-breakpoint
CREATE TRIGGER replies_keep_instructions BEFORE UPDATE OF instructions ON skein.replies
FOR EACH ROW EXECUTE FUNCTION skein.keep_instructions();--> statement-breakpoint
CREATE TRIGGER versions_keep_instructions_of_new BEFORE INSERT ON skein.versions
FOR EACH ROW WHEN (new.instructions <> '') EXECUTE FUNCTION skein.keep_instructions();--> statement-breakpoint
CREATE TRIGGER versions_keep_instructions BEFORE UPDATE OF instructions ON skein.versions
FOR EACH ROW EXECUTE FUNCTION skein.keep_instructions();
