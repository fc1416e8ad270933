-- As before (0001), and two that put the same cause into a mailbox at the same moment make one job.
CREATE OR REPLACE FUNCTION skein.enqueue(_mailbox text, _place text, _cause text, _name text, _payload text, _owner uuid)
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
  -- Somebody else made it between the look above and the lock.
  IF EXISTS (SELECT 1 FROM skein.jobs j WHERE j.cause = _cause) THEN
    UPDATE skein.mailboxes m SET last_seq = m.last_seq - 1, pending = m.pending - 1 WHERE m.key = _mailbox;
    RETURN;
  END IF;
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
