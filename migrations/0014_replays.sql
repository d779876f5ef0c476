CREATE TABLE "bellwire"."replays" (
	"task_id" uuid PRIMARY KEY NOT NULL,
	"replay_of" uuid NOT NULL,
	"writes" text NOT NULL,
	"continues" uuid,
	"config" json,
	"request_key" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "replays_of_idx" ON "bellwire"."replays" USING btree ("replay_of","task_id");--> statement-breakpoint
CREATE INDEX "replays_continues_idx" ON "bellwire"."replays" USING btree ("continues") WHERE "bellwire"."replays"."continues" is not null;--> statement-breakpoint
CREATE INDEX "replays_request_idx" ON "bellwire"."replays" USING btree ("request_key") WHERE "bellwire"."replays"."request_key" is not null;