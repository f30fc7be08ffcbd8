// @stripe/sync-engine behind Fastify, as its own server calls it, in as many processes as asked for and without Stripe.
//   node sync_engine.mjs migrate <spec.json>        |        node sync_engine.mjs serve <port> <processes>
import cluster from 'node:cluster'
import { StripeSync, embeddedMigrations, runMigrationsFromContent } from '@stripe/sync-engine'

const [what, argument, processes] = process.argv.slice(2)
const quiet = { info() {}, warn() {}, debug() {}, error: console.error }
const databaseUrl = process.env.DATABASE

if (what === 'migrate') {
  // A PostgreSQL without contrib has no btree_gist; the one constraint that needs it guards back-filling, not webhooks.
  const without = text => text.replace(/CREATE EXTENSION[^;]*btree_gist;/, '')
    .replace(/EXCLUDE \([\s\S]*?\) WHERE \(closed_at IS NULL\)/, 'CHECK (true)')
  const migrations = embeddedMigrations.map(each => ({ ...each, sql: without(each.sql) }))
  await runMigrationsFromContent({ databaseUrl, openApiSpecPath: argument, logger: quiet }, migrations)
  process.exit(0)
}
if (cluster.isPrimary) {
  for (let n = 0; n < Number(processes); n++) cluster.fork()
  process.on('SIGTERM', () => { for (const each of Object.values(cluster.workers)) each.kill(); process.exit(0) })
} else {
  const { default: fastify } = await import('fastify')
  console.log = console.info = console.warn = () => {}
  const sync = await StripeSync.create({
    poolConfig: { connectionString: databaseUrl, max: 10 },
    stripeSecretKey: 'sk_test_bench', stripeAccountId: 'acct_bench', stripeWebhookSecret: process.env.SECRET,
    logger: quiet
  })
  const app = fastify({ bodyLimit: 1 << 20 })
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  app.get('/', async () => 'ok')
  app.post('/webhooks/stripe', async (request, reply) => {
    await sync.webhook.processWebhook(request.body, request.headers['stripe-signature'])
    return reply.send({ received: true })
  })
  await app.listen({ port: Number(argument), host: '127.0.0.1' })
}
