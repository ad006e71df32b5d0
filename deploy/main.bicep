// The bot in Azure: Container Apps, PostgreSQL in a network of its own, Key Vault, Application Insights, and the Azure Bot
// with its Teams channel. docs/deploying.md says how it is used. Run it first without an image: that makes all but the app
// itself, the registry for the image among it.
targetScope = 'resourceGroup'

@description('Begins the names of all resources.')
@minLength(3)
@maxLength(12)
param name string = 'teammate'

param location string = resourceGroup().location

@description('What the bot is called in Teams and in Azure.')
param displayName string = 'TeamMate'

@description('The image to run, such as <registry>.azurecr.io/teammate-bot:1.2.0. Empty: everything but the app is made.')
param image string = ''

@description('How many nodes share the work. One is enough; two survive the loss of one.')
@minValue(1)
@maxValue(10)
param replicas int = 1

@description('The host name that people reach, if it is not the one that Container Apps gives. Single sign-on of the tab needs one of your own.')
param host string = ''

@description('ORGANISATIONS: tenantId=masterResellerId, several with commas between.')
param organisations string

@description('BOOTSTRAP_ADMINS: directory ids of the first administrators, with commas between.')
param administrators string

@description('TAB_AUDIENCE: for whom the tab’s tokens are; what deploy/tab-app.sh prints.')
param tabAudience string = ''

@description('Other settings of .env.example, by name. Nothing secret: it would be readable to whoever may read the app.')
param settings object = {}

@secure()
@description('SECRETS_KEYS: openssl rand -base64 32. Keep a copy elsewhere: without it nothing sealed can be opened again.')
param secretsKeys string

@secure()
@description('Letters and digits only, because it becomes part of an address: openssl rand -hex 24.')
@minLength(24)
param databasePassword string

@secure()
@description('Opens POST /webhooks/teammate?token=…: openssl rand -hex 24.')
@minLength(24)
param webhookToken string

@description('The login at TeamMate’s API. Leave them empty with settings PROVISIONING_BACKEND=portal.')
param teammateClientId string = ''
param teammateUsername string = ''
@secure()
param teammateClientSecret string = ''
@secure()
param teammatePassword string = ''

var suffix = uniqueString(resourceGroup().id)
var database = 'teammate'
var databaseUser = 'teammate'
var byHand = empty(teammateClientId)
// Built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var readsSecrets = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b875-0445c86b69e6')
var pullsImages = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

// ── Who the bot is ──────────────────────────────────────────────────────────────────────────────────────────────────────

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-bot'
  location: location
}

// ── What is watched ─────────────────────────────────────────────────────────────────────────────────────────────────────

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-insights'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
  }
}

// ── What is secret ──────────────────────────────────────────────────────────────────────────────────────────────────────

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: take('${name}-${suffix}', 24)
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
  }
}

resource keysSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'secrets-keys'
  properties: { value: secretsKeys }
}

resource databaseSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'database-url'
  properties: {
    value: 'postgres://${databaseUser}:${databasePassword}@${postgres.properties.fullyQualifiedDomainName}:5432/${database}?sslmode=verify-full'
  }
}

resource webhookSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'webhook-token'
  properties: { value: webhookToken }
}

resource teammateSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!byHand) {
  parent: vault
  name: 'teammate-client-secret'
  properties: { value: teammateClientSecret }
}

resource teammatePasswordSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!byHand) {
  parent: vault
  name: 'teammate-password'
  properties: { value: teammatePassword }
}

// The bot may read what is in this vault, and nothing else in the subscription.
resource mayReadSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, readsSecrets)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: readsSecrets
  }
}

// ── The network, which the database is reached in and from nowhere else ─────────────────────────────────────────────────

resource network 'Microsoft.Network/virtualNetworks@2024-01-01' = {
  name: '${name}-network'
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.20.0.0/16'] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: '10.20.0.0/23'
          delegations: [{ name: 'app', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'database'
        properties: {
          addressPrefix: '10.20.4.0/28'
          delegations: [{ name: 'database', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
        }
      }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource databaseSubnet 'subnets' existing = {
    name: 'database'
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: '${name}.private.postgres.database.azure.com'
  location: 'global'
}

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = {
  parent: zone
  name: 'network'
  location: 'global'
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: network.id }
  }
}

// ── The database ────────────────────────────────────────────────────────────────────────────────────────────────────────

resource postgres 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: '${name}-${suffix}'
  location: location
  sku: { name: 'Standard_B1ms', tier: 'Burstable' }
  properties: {
    version: '17'
    administratorLogin: databaseUser
    administratorLoginPassword: databasePassword
    storage: { storageSizeGB: 32, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Disabled' }
    network: {
      delegatedSubnetResourceId: network::databaseSubnet.id
      privateDnsZoneArmResourceId: zone.id
    }
  }
  dependsOn: [zoneLink]

  resource ownDatabase 'databases' = {
    name: database
    properties: { charset: 'UTF8', collation: 'en_US.utf8' }
  }
}

// ── The image and the app ───────────────────────────────────────────────────────────────────────────────────────────────

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: '${replace(name, '-', '')}${suffix}'
  location: location
  sku: { name: 'Basic' }
  properties: { adminUserEnabled: false }
}

resource mayPullImages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, identity.id, pullsImages)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: pullsImages
  }
}

resource appEnvironment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: '${name}-environment'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
    vnetConfiguration: { infrastructureSubnetId: network::appSubnet.id }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

var givenHost = '${name}-bot.${appEnvironment.properties.defaultDomain}'
var publicHost = empty(host) ? givenHost : host

var fixedSettings = {
  PORT: '3978'
  PUBLIC_URL: 'https://${publicHost}'
  BOT_ID: identity.properties.clientId
  BOT_TENANT_ID: subscription().tenantId
  BOT_CREDENTIAL: 'managed-identity'
  // Which identity the key vault is read with, of those the app has.
  AZURE_CLIENT_ID: identity.properties.clientId
  KEY_VAULT_URL: vault.properties.vaultUri
  KEY_VAULT_SECRET: keysSecret.name
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  ORGANISATIONS: organisations
  BOOTSTRAP_ADMINS: administrators
  TAB_AUDIENCE: tabAudience
  TEAMMATE_CLIENT_ID: teammateClientId
  TEAMMATE_USERNAME: teammateUsername
  PROVISIONING_BACKEND: byHand ? 'portal' : 'api'
}

var secretSettings = concat(
  [
    { setting: 'DATABASE_URL', secret: databaseSecret.name }
    { setting: 'WEBHOOK_TOKEN', secret: webhookSecret.name }
  ],
  byHand
    ? []
    : [
        { setting: 'TEAMMATE_CLIENT_SECRET', secret: 'teammate-client-secret' }
        { setting: 'TEAMMATE_PASSWORD', secret: 'teammate-password' }
      ]
)

resource app 'Microsoft.App/containerApps@2024-03-01' = if (!empty(image)) {
  name: '${name}-bot'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    environmentId: appEnvironment.id
    workloadProfileName: 'Consumption'
    configuration: {
      // A new revision is up before the old one goes, so both work on the database for a while.
      activeRevisionsMode: 'Single'
      ingress: {
        external: true
        targetPort: 3978
        transport: 'http'
        allowInsecure: false
      }
      registries: [{ server: registry.properties.loginServer, identity: identity.id }]
      secrets: [
        for one in secretSettings: {
          name: one.secret
          keyVaultUrl: '${vault.properties.vaultUri}secrets/${one.secret}'
          identity: identity.id
        }
      ]
    }
    template: {
      containers: [
        {
          name: 'bot'
          image: image
          resources: { cpu: json('0.5'), memory: '1Gi' }
          env: concat(
            map(items(union(fixedSettings, settings)), one => { name: one.key, value: string(one.value) }),
            map(secretSettings, one => { name: one.setting, secretRef: one.secret })
          )
          probes: [
            {
              type: 'Startup'
              httpGet: { path: '/healthz', port: 3978 }
              periodSeconds: 2
              failureThreshold: 60
            }
            {
              type: 'Liveness'
              httpGet: { path: '/healthz', port: 3978 }
              periodSeconds: 30
              timeoutSeconds: 5
            }
          ]
        }
      ]
      scale: { minReplicas: replicas, maxReplicas: replicas }
    }
  }
  // Before the roles there is neither an image nor a secret for it.
  dependsOn: [mayReadSecrets, mayPullImages, postgres::ownDatabase, teammateSecret, teammatePasswordSecret]
}

// ── The bot at Microsoft ────────────────────────────────────────────────────────────────────────────────────────────────

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: '${name}-${suffix}'
  location: 'global'
  kind: 'azurebot'
  sku: { name: 'F0' }
  properties: {
    displayName: displayName
    endpoint: 'https://${publicHost}/api/messages'
    msaAppType: 'UserAssignedMSI'
    msaAppId: identity.properties.clientId
    msaAppMSIResourceId: identity.id
    msaAppTenantId: subscription().tenantId
    disableLocalAuth: true
  }
}

resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  parent: bot
  name: 'MsTeamsChannel'
  location: 'global'
  properties: {
    channelName: 'MsTeamsChannel'
    properties: { isEnabled: true }
  }
}

@description('BOT_ID, for the app package.')
output botId string = identity.properties.clientId
output tenantId string = subscription().tenantId
@description('What people reach, for the app package and for single sign-on.')
output host string = publicHost
@description('What Container Apps gave: where a host name of your own points to.')
output givenHost string = givenHost
output messagingEndpoint string = bot.properties.endpoint
output registry string = registry.properties.loginServer
output vault string = vault.name
@description('What TeamMate is told to call, without its token.')
output webhook string = 'https://${publicHost}/webhooks/teammate'
