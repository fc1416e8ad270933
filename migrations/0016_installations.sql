CREATE TABLE "skein"."installations" (
	"id" text PRIMARY KEY NOT NULL,
	"bot_user_id" text,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"gone_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "skein"."unseen_places" (
	"team" text NOT NULL,
	"channel" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "unseen_places_team_channel_pk" PRIMARY KEY("team","channel")
);
--> statement-breakpoint
-- Earlier versions stored a channel that another company hosts under that company's id, which must not be mistaken
-- for an installation, nor an installation for it. Only an installation has direct messages with us.
INSERT INTO "skein"."installations" ("id", "first_seen_at")
SELECT "team", min("created_at") FROM "skein"."conversations" WHERE "kind" = 'im' GROUP BY "team";
