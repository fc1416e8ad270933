-- Commit 1 in one statement, which is a transaction of its own: marks a message as taken, opens its conversation,
-- stores the message, adds its reply and enqueues the job that answers it (0001). Returns no row, and stores nothing
-- new, if the message was taken before. `_rewrite`: a message that is there already is replaced by this one, else it
-- is kept as it is. Parameters that begin with `_job` are as in `enqueue`; the mailbox is named after the conversation.
-- Where `enqueue` takes the lease, the job is begun as well (its attempt is counted), and the epoch is not null.
CREATE FUNCTION skein.ask(
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
  FROM skein.enqueue(_box, _job_place, _job_cause, _job_name, _job_payload, _job_owner) e;
  IF _epoch IS NOT NULL THEN
    UPDATE skein.jobs j SET attempts = 1 WHERE j.mailbox = _box AND j.seq = _seq;
  END IF;
  RETURN QUERY SELECT _conversation, _message, _seq, _epoch;
END
$$;
