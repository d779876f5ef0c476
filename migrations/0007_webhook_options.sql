ALTER TABLE "bellwire"."webhooks" ADD COLUMN "options" json DEFAULT '{}'::json NOT NULL;--> statement-breakpoint
ALTER TABLE "bellwire"."webhooks" ADD COLUMN "secrets" "bytea";--> statement-breakpoint
ALTER TABLE "bellwire"."webhooks" ADD COLUMN "secrets_updated_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bellwire"."webhooks" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;