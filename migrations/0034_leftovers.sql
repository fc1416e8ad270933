-- Expand: messages of an answer that are to be tidied after its end. A program of the version before leaves it as it is: what it
-- draws anew is drawn once more.
ALTER TABLE "skein"."replies" ADD COLUMN "leftovers" integer[] DEFAULT '{}' NOT NULL;