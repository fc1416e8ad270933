-- Puts a job into a mailbox, in the caller's transaction. Returns no row if the cause is known. With an
-- owner, and if the mailbox is free and has nothing else to do, the lease is taken here and now (epoch is
-- then not null) and the caller starts the work after the commit; otherwise the bell is rung for any worker.
-- The row lock on the mailbox makes `seq` gap-free and orders this against the release of a lease, so no
-- wake-up is lost.
CREATE FUNCTION skein.enqueue(_mailbox text, _place text, _cause text, _name text, _payload text, _owner uuid)
RETURNS TABLE (seq bigint, epoch bigint)
LANGUAGE plpgsql AS $$
DECLARE
  box skein.mailboxes%ROWTYPE;
BEGIN
  IF EXISTS (SELECT 1 FROM skein.jobs j WHERE j.cause = _cause) THEN
    RETURN;
  END IF;
  INSERT INTO skein.mailboxes AS m (key, last_seq, pending) VALUES (_mailbox, 1, 1)
  ON CONFLICT (key) DO UPDATE SET last_seq = m.last_seq + 1, pending = m.pending + 1
  RETURNING m.* INTO box;
  INSERT INTO skein.jobs (mailbox, seq, place, cause, name, payload)
  VALUES (_mailbox, box.last_seq, _place, _cause, _name, _payload);
  IF box.lease_owner IS NOT NULL THEN
    -- Its owner finds this job when it finishes the one before.
    RETURN QUERY SELECT box.last_seq, NULL::bigint;
  ELSIF _owner IS NOT NULL AND box.pending = 1 THEN
    UPDATE skein.mailboxes m
    SET lease_owner = _owner, lease_epoch = box.lease_epoch + 1, next_at = NULL
    WHERE m.key = _mailbox;
    RETURN QUERY SELECT box.last_seq, box.lease_epoch + 1;
  ELSE
    PERFORM graphile_worker.add_job('drain', json_build_object('mailbox', _mailbox));
    RETURN QUERY SELECT box.last_seq, NULL::bigint;
  END IF;
END
$$;
