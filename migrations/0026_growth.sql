-- The check of this key locked the reply with each piece of its log; pieces of no reply are purged (`purgePieces`).
ALTER TABLE "skein"."pieces" DROP CONSTRAINT "pieces_reply_replies_id_fk";
