CREATE TABLE "bellwire"."model_providers" (
	"name" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"base_url" text,
	"schema_with_tools" text,
	"images" text,
	"sealed" "bytea" NOT NULL,
	"key_updated_at" timestamp with time zone,
	"version" uuid DEFAULT gen_random_uuid() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
