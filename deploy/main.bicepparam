// Copy it, fill it in, and keep the copy out of Git. Secrets come from the environment of whoever deploys.
using 'main.bicep'

param organisations = '00000000-0000-0000-0000-000000000000=5001'
param administrators = '00000000-0000-0000-0000-000000000000'

// Set when there is an image: docs/deploying.md.
param image = readEnvironmentVariable('IMAGE', '')
param host = readEnvironmentVariable('HOST_NAME', '')
param tabAudience = readEnvironmentVariable('TAB_AUDIENCE', '')

param secretsKeys = readEnvironmentVariable('SECRETS_KEYS')
param databasePassword = readEnvironmentVariable('DATABASE_PASSWORD')
param webhookToken = readEnvironmentVariable('WEBHOOK_TOKEN')

param teammateClientId = readEnvironmentVariable('TEAMMATE_CLIENT_ID', '')
param teammateClientSecret = readEnvironmentVariable('TEAMMATE_CLIENT_SECRET', '')
param teammateUsername = readEnvironmentVariable('TEAMMATE_USERNAME', '')
param teammatePassword = readEnvironmentVariable('TEAMMATE_PASSWORD', '')

// Any other setting of .env.example that is not secret.
param settings = {
  LOG_LEVEL: 'info'
}
