CREATE SCHEMA "bellwire";
--> statement-breakpoint
CREATE TYPE "bellwire"."task_state" AS ENUM('PENDING', 'STARTED', 'WAITING', 'SUCCESS', 'FAILURE', 'CANCELLED');--> statement-breakpoint
CREATE TABLE "bellwire"."agent_revisions" (
	"agent_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"config" json NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "agent_revisions_agent_id_revision_pk" PRIMARY KEY("agent_id","revision")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."agents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"revision" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "bellwire"."api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"scope" text NOT NULL,
	"agent_id" uuid,
	"hash" "bytea" NOT NULL,
	"hint" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_keys_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."idempotency_keys" (
	"agent_id" uuid NOT NULL,
	"hash" "bytea" NOT NULL,
	"task_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_agent_id_hash_pk" PRIMARY KEY("agent_id","hash")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."secrets" (
	"name" text PRIMARY KEY NOT NULL,
	"ciphertext" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."steps" (
	"task_id" uuid NOT NULL,
	"key" text NOT NULL,
	"event" integer NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"step" integer NOT NULL,
	"state" text NOT NULL,
	"attempt" integer NOT NULL,
	"input" json,
	"output" json,
	"usage" json,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "steps_task_id_key_pk" PRIMARY KEY("task_id","key")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"webhook_id" uuid,
	"origin" text NOT NULL,
	"state" "bellwire"."task_state" DEFAULT 'PENDING' NOT NULL,
	"interactive" boolean DEFAULT false NOT NULL,
	"streamed" boolean DEFAULT false NOT NULL,
	"payload" "bytea" NOT NULL,
	"request" json NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"worker_id" bigint,
	"job_id" uuid NOT NULL,
	"rank" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"crashes" integer DEFAULT 0 NOT NULL,
	"last_event" integer DEFAULT 1 NOT NULL,
	"result" json,
	"error" json,
	"usage" json,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "bellwire"."transitions" (
	"task_id" uuid NOT NULL,
	"event" integer NOT NULL,
	"state" "bellwire"."task_state" NOT NULL,
	"reason" text NOT NULL,
	"attempt" integer NOT NULL,
	"worker_id" bigint,
	"error" json,
	"due_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "transitions_task_id_event_pk" PRIMARY KEY("task_id","event")
);
--> statement-breakpoint
CREATE TABLE "bellwire"."webhook_tokens" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"webhook_id" uuid NOT NULL,
	"ciphertext" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "bellwire"."webhooks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"name" text NOT NULL,
	"is_default" boolean DEFAULT false NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."workers" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bellwire"."workers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"heartbeat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "bellwire"."agent_revisions" ADD CONSTRAINT "agent_revisions_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "bellwire"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bellwire"."api_keys" ADD CONSTRAINT "api_keys_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "bellwire"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bellwire"."webhook_tokens" ADD CONSTRAINT "webhook_tokens_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "bellwire"."webhooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bellwire"."webhooks" ADD CONSTRAINT "webhooks_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "bellwire"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry_idx" ON "bellwire"."idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "tasks_agent_idx" ON "bellwire"."tasks" USING btree ("agent_id","id");--> statement-breakpoint
CREATE INDEX "tasks_live_idx" ON "bellwire"."tasks" USING btree ("worker_id","id") WHERE "bellwire"."tasks"."state" in ('PENDING', 'STARTED', 'WAITING');--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_tokens_current_idx" ON "bellwire"."webhook_tokens" USING btree ("webhook_id") WHERE "bellwire"."webhook_tokens"."expires_at" is null;--> statement-breakpoint
CREATE INDEX "webhooks_agent_idx" ON "bellwire"."webhooks" USING btree ("agent_id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhooks_default_idx" ON "bellwire"."webhooks" USING btree ("agent_id") WHERE "bellwire"."webhooks"."is_default";