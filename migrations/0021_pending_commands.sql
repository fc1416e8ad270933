CREATE TABLE "skein"."pending_commands" (
	"id" uuid PRIMARY KEY NOT NULL,
	"said" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "pending_commands_at" ON "skein"."pending_commands" USING btree ("at");
