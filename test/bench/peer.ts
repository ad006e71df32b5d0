/**
 * What the bot is compared with: a bot as botbuilder's own samples build one (CloudAdapter on restify), without a
 * database, answering every message with a card of the same size.
 */
import { CloudAdapter, ConfigurationBotFrameworkAuthentication, type TurnContext } from 'botbuilder';
import restify from 'restify';
import { listCard } from '../../src/views/list.ts';

const rows = Array.from({ length: 8 }, (_, n) => ({
  title: `command ${n}`,
  subtitle: 'What this command does, in a line',
}));
const card = listCard({ title: 'What you can do here', rows });
const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication({}));
const server = restify.createServer();
server.use(restify.plugins.bodyParser());
server.post('/api/messages', async (request, response) => {
  await adapter.process(request as Parameters<CloudAdapter['process']>[0], response, async (context: TurnContext) => {
    if (context.activity.type === 'message')
      await context.sendActivity({
        attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
      });
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
