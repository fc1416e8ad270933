CREATE TABLE "skein"."spendings" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "skein"."spendings_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"team" text NOT NULL,
	"method" text NOT NULL,
	"process" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "skein"."conversations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "skein"."conversations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"team" text NOT NULL,
	"channel" text NOT NULL,
	"thread_ts" text NOT NULL,
	"kind" text NOT NULL,
	"thread_read_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversations_place" UNIQUE("team","channel","thread_ts"),
	CONSTRAINT "conversations_kind" CHECK ("skein"."conversations"."kind" in ('channel', 'group', 'im', 'mpim', 'unknown'))
);
--> statement-breakpoint
CREATE TABLE "skein"."messages" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "skein"."messages_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"conversation" bigint NOT NULL,
	"slack_ts" text NOT NULL,
	"role" text NOT NULL,
	"speaker" text,
	"speaker_name" text,
	"raw" text,
	"text" text,
	"blocks" text,
	"in_context" boolean DEFAULT true NOT NULL,
	"edited_at" timestamp with time zone,
	"deleted_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "messages_once" UNIQUE("conversation","slack_ts","role"),
	CONSTRAINT "messages_role" CHECK ("skein"."messages"."role" in ('user', 'assistant'))
);
--> statement-breakpoint
CREATE TABLE "skein"."seen" (
	"team" text NOT NULL,
	"channel" text NOT NULL,
	"ts" text NOT NULL,
	"event_id" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "seen_team_channel_ts_pk" PRIMARY KEY("team","channel","ts")
);
--> statement-breakpoint
CREATE TABLE "skein"."jobs" (
	"mailbox" text NOT NULL,
	"seq" bigint NOT NULL,
	"place" text NOT NULL,
	"cause" text NOT NULL,
	"name" text NOT NULL,
	"payload" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone,
	CONSTRAINT "jobs_mailbox_seq_pk" PRIMARY KEY("mailbox","seq"),
	CONSTRAINT "jobs_cause" UNIQUE("cause")
);
--> statement-breakpoint
CREATE TABLE "skein"."mailboxes" (
	"key" text PRIMARY KEY NOT NULL,
	"last_seq" bigint DEFAULT 0 NOT NULL,
	"pending" integer DEFAULT 0 NOT NULL,
	"lease_owner" uuid,
	"lease_epoch" bigint DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone,
	CONSTRAINT "mailboxes_pending" CHECK ("skein"."mailboxes"."pending" >= 0)
);
--> statement-breakpoint
CREATE TABLE "skein"."workers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"lock_key" bigint NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "skein"."usage" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "skein"."usage_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"reply" uuid NOT NULL,
	"call" integer NOT NULL,
	"team" text NOT NULL,
	"channel" text NOT NULL,
	"person" text NOT NULL,
	"model" text NOT NULL,
	"input_tokens" integer NOT NULL,
	"cache_write_5m_tokens" integer NOT NULL,
	"cache_write_1h_tokens" integer NOT NULL,
	"cache_read_tokens" integer NOT NULL,
	"output_tokens" integer NOT NULL,
	"thinking_tokens" integer NOT NULL,
	"estimated" boolean NOT NULL,
	"price_version" text NOT NULL,
	"cost_nano" bigint,
	"request_id" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "usage_once" UNIQUE("reply","call"),
	CONSTRAINT "usage_counts" CHECK ("skein"."usage"."input_tokens" >= 0 and "skein"."usage"."output_tokens" >= 0)
);
--> statement-breakpoint
CREATE TABLE "skein"."replies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"conversation" bigint NOT NULL,
	"question" bigint NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"model" text NOT NULL,
	"max_tokens" integer NOT NULL,
	"instructions" text NOT NULL,
	"footer" boolean NOT NULL,
	"log" text DEFAULT '' NOT NULL,
	"log_units" integer DEFAULT 0 NOT NULL,
	"stop_reason" text,
	"stopped_by" text,
	"error_code" text,
	"request_id" text,
	"calls" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"answered_at" timestamp with time zone,
	"shown_at" timestamp with time zone,
	CONSTRAINT "replies_state" CHECK ("skein"."replies"."state" in ('waiting', 'writing', 'answered', 'shown', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "skein"."segments" (
	"reply" uuid NOT NULL,
	"index" integer NOT NULL,
	"ts" text,
	"intent_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "segments_reply_index_pk" PRIMARY KEY("reply","index")
);
--> statement-breakpoint
ALTER TABLE "skein"."messages" ADD CONSTRAINT "messages_conversation_conversations_id_fk" FOREIGN KEY ("conversation") REFERENCES "skein"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."jobs" ADD CONSTRAINT "jobs_mailbox_mailboxes_key_fk" FOREIGN KEY ("mailbox") REFERENCES "skein"."mailboxes"("key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD CONSTRAINT "replies_conversation_conversations_id_fk" FOREIGN KEY ("conversation") REFERENCES "skein"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."replies" ADD CONSTRAINT "replies_question_messages_id_fk" FOREIGN KEY ("question") REFERENCES "skein"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "skein"."segments" ADD CONSTRAINT "segments_reply_replies_id_fk" FOREIGN KEY ("reply") REFERENCES "skein"."replies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "spendings_recent" ON "skein"."spendings" USING btree ("team","method","id");--> statement-breakpoint
CREATE INDEX "spendings_at" ON "skein"."spendings" USING btree ("at");--> statement-breakpoint
CREATE INDEX "seen_at" ON "skein"."seen" USING btree ("at");--> statement-breakpoint
CREATE INDEX "jobs_open" ON "skein"."jobs" USING btree ("mailbox","place","seq") WHERE "skein"."jobs"."done_at" is null;--> statement-breakpoint
CREATE INDEX "mailboxes_waiting" ON "skein"."mailboxes" USING btree ("next_at") WHERE "skein"."mailboxes"."pending" > 0 and "skein"."mailboxes"."lease_owner" is null;--> statement-breakpoint
CREATE INDEX "mailboxes_leased" ON "skein"."mailboxes" USING btree ("lease_owner") WHERE "skein"."mailboxes"."lease_owner" is not null;--> statement-breakpoint
CREATE INDEX "usage_team_at" ON "skein"."usage" USING btree ("team","at");--> statement-breakpoint
CREATE INDEX "replies_question" ON "skein"."replies" USING btree ("question");--> statement-breakpoint
CREATE INDEX "replies_conversation" ON "skein"."replies" USING btree ("conversation");--> statement-breakpoint
CREATE INDEX "replies_open" ON "skein"."replies" USING btree ("created_at") WHERE "skein"."replies"."state" in ('waiting', 'writing', 'answered');