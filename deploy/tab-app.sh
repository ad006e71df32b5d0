#!/usr/bin/env bash
# Registers the app that signs people on to the tab, or brings it up to date: deploy/tab-app.sh <host of the bot>
# The bot's own identity cannot do it: a managed identity has no address of its own and exposes nothing. Needs az, signed in
# as somebody who may register applications. Prints what to set.
set -euo pipefail
host=${1:?Usage: deploy/tab-app.sh <host of the bot, such as bot.example.com>}
name="TeamMate tab ($host)"

id=$(az ad app list --display-name "$name" --query '[0].appId' --output tsv)
[ -n "$id" ] || id=$(az ad app create --display-name "$name" --sign-in-audience AzureADMultipleOrgs --query appId --output tsv)
object=$(az ad app show --id "$id" --query id --output tsv)
# The scope keeps its id when this runs again.
scope=$(az ad app show --id "$id" --query "api.oauth2PermissionScopes[?value=='access_as_user'].id | [0]" --output tsv)
[ -n "$scope" ] || scope=$(node -p 'crypto.randomUUID()')

patch() { az rest --method PATCH --url "https://graph.microsoft.com/v1.0/applications/$object" --headers content-type=application/json --body "$1"; }

patch "{
  \"identifierUris\": [\"api://$host/$id\"],
  \"api\": {
    \"requestedAccessTokenVersion\": 2,
    \"oauth2PermissionScopes\": [{
      \"id\": \"$scope\", \"value\": \"access_as_user\", \"type\": \"User\", \"isEnabled\": true,
      \"adminConsentDisplayName\": \"Know who uses the TeamMate tab\",
      \"adminConsentDescription\": \"Lets Teams tell the TeamMate tab who has opened it.\",
      \"userConsentDisplayName\": \"Know who you are\",
      \"userConsentDescription\": \"Lets Teams tell the TeamMate tab who you are.\"
    }]
  }
}"
# Teams on the desktop and on phones, then Teams on the web: they may ask for it without asking each person.
patch "{
  \"api\": { \"preAuthorizedApplications\": [
    { \"appId\": \"1fec8e78-bce4-4aaf-ab1b-5451cc387264\", \"delegatedPermissionIds\": [\"$scope\"] },
    { \"appId\": \"5e3ce6c0-2b1f-4285-8d4b-75ee78787346\", \"delegatedPermissionIds\": [\"$scope\"] }
  ] }
}"

echo "TAB_AUDIENCE=$id,api://$host/$id"
