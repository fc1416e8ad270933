CREATE TABLE "skein"."used_states" (
	"hash" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "skein"."deeds" (
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "skein"."deeds_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"team" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"person" text,
	"what" text NOT NULL,
	"scope" text,
	"scope_id" text,
	"amount" bigint,
	CONSTRAINT "deeds_team_id_pk" PRIMARY KEY("team","id")
);
--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "gone_why" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "name" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "enterprise" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "wide" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "bot_id" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "app_id" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "scopes" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "bot_token" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "refresh_token" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "rotating_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "installed_by" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "installed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "version" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "changed_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "model_key" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "model_key_by" text;--> statement-breakpoint
ALTER TABLE "skein"."installations" ADD COLUMN "model_key_at" timestamp with time zone;