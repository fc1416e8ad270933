ALTER TABLE "skein"."jobs" ALTER COLUMN "payload" SET DEFAULT '';--> statement-breakpoint
ALTER TABLE "skein"."jobs" ADD COLUMN "subject" text;--> statement-breakpoint
ALTER TABLE "skein"."mailboxes" ADD COLUMN "team" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."mailboxes" ADD COLUMN "woken" boolean DEFAULT false NOT NULL;--> statement-breakpoint
-- Jobs that are still to be done, and those of replies that have no end: few, and both found by partial indexes.
UPDATE skein.jobs SET subject = CASE name
  WHEN 'answer' THEN payload::json ->> 'reply'
  WHEN 'question' THEN payload::json ->> 'question'
  WHEN 'greet' THEN payload::json ->> 'channel' END
WHERE done_at IS NULL;--> statement-breakpoint
UPDATE skein.jobs j SET subject = r.id::text FROM skein.replies r
WHERE r.state IN ('waiting', 'writing', 'answered', 'removing') AND j.mailbox = 'conversation:' || r.conversation
  AND j.subject IS NULL AND j.payload = '{"reply":"' || r.id || '"}';--> statement-breakpoint
UPDATE skein.mailboxes m SET team = c.team FROM skein.conversations c
WHERE m.pending > 0 AND m.key = 'conversation:' || c.id;--> statement-breakpoint
UPDATE skein.mailboxes m SET team = split_part(m.key, ':', 2)
WHERE m.pending > 0 AND (m.key LIKE 'questions:%' OR m.key LIKE 'greet:%');--> statement-breakpoint
-- Puts a job into a mailbox, in the caller's transaction. Returns no row if the cause is known. With an owner, and if
-- the mailbox is free and has nothing else to do, the lease is taken here and now (epoch is then not null) and the
-- caller starts the work after the commit; otherwise the bell is rung for any worker (`jobs/store.ts` has the form of
-- its words). The row lock on the mailbox makes `seq` gap-free and orders this against the release of a lease, so no
-- wake-up is lost. With '' as team the mailbox keeps the one that it has.
CREATE FUNCTION skein.enqueue(
  _mailbox text, _team text, _place text, _cause text, _name text, _subject text, _owner uuid
)
RETURNS TABLE (seq bigint, epoch bigint)
LANGUAGE plpgsql AS $$
DECLARE
  box skein.mailboxes%ROWTYPE;
BEGIN
  IF EXISTS (SELECT 1 FROM skein.jobs j WHERE j.cause = _cause) THEN
    RETURN;
  END IF;
  INSERT INTO skein.mailboxes AS m (key, team, last_seq, pending, next_at)
  VALUES (_mailbox, _team, 1, 1, clock_timestamp())
  ON CONFLICT (key) DO UPDATE SET
    last_seq = m.last_seq + 1,
    pending = m.pending + 1,
    team = CASE WHEN _team = '' THEN m.team ELSE _team END,
    -- Work that is given back with a time keeps it: what comes behind it waits as well.
    next_at = CASE WHEN m.pending = 0 THEN clock_timestamp() ELSE m.next_at END
  RETURNING m.* INTO box;
  -- Somebody else made it between the look above and the lock.
  IF EXISTS (SELECT 1 FROM skein.jobs j WHERE j.cause = _cause) THEN
    UPDATE skein.mailboxes m SET last_seq = m.last_seq - 1, pending = m.pending - 1 WHERE m.key = _mailbox;
    RETURN;
  END IF;
  INSERT INTO skein.jobs (mailbox, seq, place, cause, name, subject, payload)
  VALUES (
    _mailbox, box.last_seq, _place, _cause, _name, _subject,
    CASE _name
      WHEN 'answer' THEN '{"reply":"' || _subject || '"}'
      WHEN 'question' THEN '{"question":"' || _subject || '"}'
      WHEN 'greet' THEN json_build_object('team', _team, 'channel', _subject)::text
      ELSE '' END
  );
  IF box.lease_owner IS NOT NULL THEN
    -- Its owner finds this job when it finishes the one before.
    RETURN QUERY SELECT box.last_seq, NULL::bigint;
  ELSIF _owner IS NOT NULL AND box.pending = 1 THEN
    UPDATE skein.mailboxes m
    SET lease_owner = _owner, lease_epoch = box.lease_epoch + 1, next_at = NULL, woken = false
    WHERE m.key = _mailbox;
    RETURN QUERY SELECT box.last_seq, box.lease_epoch + 1;
  ELSE
    PERFORM pg_notify('skein_bell', box.team || ' ' || _mailbox);
    RETURN QUERY SELECT box.last_seq, NULL::bigint;
  END IF;
END
$$;--> statement-breakpoint
-- For programs before this migration, which run beside it during a deploy.
CREATE OR REPLACE FUNCTION skein.enqueue(
  _mailbox text, _place text, _cause text, _name text, _payload text, _owner uuid
)
RETURNS TABLE (seq bigint, epoch bigint)
LANGUAGE sql AS $$
  SELECT seq, epoch FROM skein.enqueue(
    _mailbox, coalesce(_payload::json ->> 'team', ''), _place, _cause, _name,
    coalesce(_payload::json ->> 'reply', _payload::json ->> 'question', _payload::json ->> 'channel', ''), _owner);
$$;--> statement-breakpoint
-- As before (0008); the job is named after the reply, and `_job_payload` is not read any more.
CREATE OR REPLACE FUNCTION skein.ask(
  _team text, _channel text, _ts text, _event_id text, _thread_ts text, _kind text,
  _speaker text, _raw text, _rewrite boolean,
  _reply uuid, _asker_team text, _model text, _max_tokens integer, _instructions text, _footer boolean,
  _streaming text, _effort text, _ping_after integer,
  _job_box text, _job_place text, _job_cause text, _job_name text, _job_payload text, _job_owner uuid
)
RETURNS TABLE (conversation bigint, message bigint, seq bigint, epoch bigint)
LANGUAGE plpgsql AS $$
DECLARE
  _conversation bigint;
  _message bigint;
  _box text;
  _seq bigint;
  _epoch bigint;
BEGIN
  INSERT INTO skein.seen (team, channel, ts, event_id) VALUES (_team, _channel, _ts, _event_id)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  -- Nothing was said before the first message of a thread, so there is nothing to read.
  INSERT INTO skein.conversations AS c (team, channel, thread_ts, kind, thread_read_at)
  VALUES (_team, _channel, _thread_ts, _kind, CASE WHEN _thread_ts = _ts THEN now() END)
  ON CONFLICT (team, channel, thread_ts)
    DO UPDATE SET kind = CASE WHEN c.kind = 'unknown' THEN excluded.kind ELSE c.kind END
  RETURNING c.id INTO _conversation;
  INSERT INTO skein.messages AS m (conversation, slack_ts, role, speaker, raw)
  VALUES (_conversation, _ts, 'user', _speaker, _raw)
  ON CONFLICT DO NOTHING
  RETURNING m.id INTO _message;
  IF _message IS NULL THEN
    SELECT m.id INTO STRICT _message FROM skein.messages m
    WHERE m.conversation = _conversation AND m.slack_ts = _ts AND m.role = 'user';
    IF _rewrite THEN
      UPDATE skein.messages m SET raw = _raw, text = NULL, blocks = NULL, edited_at = now()
      WHERE m.id = _message AND m.deleted_at IS NULL;
    END IF;
  END IF;
  INSERT INTO skein.replies (
    id, conversation, question, asker_team, model, max_tokens, instructions, footer, streaming, effort, ping_after
  ) VALUES (
    _reply, _conversation, _message, _asker_team, _model, _max_tokens, _instructions, _footer, _streaming, _effort,
    _ping_after
  );
  _box := _job_box || _conversation;
  SELECT e.seq, e.epoch INTO _seq, _epoch
  FROM skein.enqueue(_box, _team, _job_place, _job_cause, _job_name, _reply::text, _job_owner) e;
  IF _epoch IS NOT NULL THEN
    UPDATE skein.jobs j SET attempts = 1 WHERE j.mailbox = _box AND j.seq = _seq;
  END IF;
  RETURN QUERY SELECT _conversation, _message, _seq, _epoch;
END
$$;
