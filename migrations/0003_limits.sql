CREATE TABLE "bellwire"."model_prices" (
	"model" text PRIMARY KEY NOT NULL,
	"price" json NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bellwire"."usage_daily" (
	"day" date NOT NULL,
	"agent_id" uuid NOT NULL,
	"model" text NOT NULL,
	"runs" bigint NOT NULL,
	"model_calls" bigint NOT NULL,
	"unpriced_model_calls" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"cached_input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"reasoning_tokens" bigint NOT NULL,
	"cost_usd" numeric NOT NULL,
	CONSTRAINT "usage_daily_day_agent_id_model_pk" PRIMARY KEY("day","agent_id","model")
);
--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "held" json;--> statement-breakpoint
ALTER TABLE "bellwire"."tasks" ADD COLUMN "trace_parent" text;--> statement-breakpoint
ALTER TABLE "bellwire"."workers" ADD COLUMN "metrics" json;--> statement-breakpoint
CREATE INDEX "usage_daily_agent_idx" ON "bellwire"."usage_daily" USING btree ("agent_id","day");--> statement-breakpoint
CREATE INDEX "tasks_held_idx" ON "bellwire"."tasks" USING btree ("agent_id","id") WHERE "bellwire"."tasks"."held" is not null;