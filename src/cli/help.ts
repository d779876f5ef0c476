/** What `bellwire --help` adds to the list of commands. */
export const HELP = `
Without a command it runs "serve". Settings come from the environment; the most common are:

  PORT, HOST                where to listen (127.0.0.1:7091)
  BELLWIRE_PUBLIC_URL       how others reach it: the base of all links and webhook URLs
  BELLWIRE_DATA_DIR         where the database is kept (./data; as root, /var/lib/bellwire)
  DATABASE_URL              your own PostgreSQL server; also needs BELLWIRE_SECRET_KEY
  OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY
                            keys of model providers
  LOCAL_MODEL_BASE_URL      a model server on your network that speaks the OpenAI format

All settings: docs/configuration.md

Examples:
  bellwire                                 start everything, with the embedded database
  PORT=8080 OPENAI_API_KEY=sk-… bellwire   the same on another port, with OpenAI models
`
