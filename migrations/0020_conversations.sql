CREATE TABLE "bellwire"."bursts" (
	"name" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"closes_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."conversation_turns" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"message" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."conversations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"webhook_id" uuid,
	"key" text NOT NULL,
	"turns" bigint DEFAULT 0 NOT NULL,
	"summary" text,
	"summarised" uuid[],
	"summary_version" integer DEFAULT 0 NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversations_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."joined_requests" (
	"task_id" uuid NOT NULL,
	"coalesced" boolean NOT NULL,
	"n" integer NOT NULL,
	"payload" "bytea" NOT NULL,
	"request" json NOT NULL,
	"body" "bytea",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "joined_requests_task_id_coalesced_n_pk" PRIMARY KEY("task_id","coalesced","n")
);
--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "conversation_id" uuid;--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "turn" bigint;--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "joined" integer;--> statement-breakpoint
CREATE INDEX "bursts_closing_idx" ON "bellwire"."bursts" USING btree ("closes_at");--> statement-breakpoint
CREATE INDEX "conversations_key_idx" ON "bellwire"."conversations" USING btree ("key");--> statement-breakpoint
CREATE INDEX "conversations_expiry_idx" ON "bellwire"."conversations" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "queue_conversation_idx" ON "bellwire"."queue" USING btree ("task_id") WHERE "bellwire"."queue"."why" = 'conversation';--> statement-breakpoint
CREATE INDEX "tasks_conversation_idx" ON "bellwire"."tasks" USING btree ("conversation_id","id") WHERE "bellwire"."tasks"."conversation_id" is not null;--> statement-breakpoint
CREATE INDEX "tasks_turn_idx" ON "bellwire"."tasks" USING btree ("conversation_id","turn") WHERE "bellwire"."tasks"."turn" is not null and "bellwire"."tasks"."state" in ('PENDING', 'STARTED', 'WAITING');