#!/bin/sh
# Runs once, on an empty volume: the portal's two roles (owner for migrations, app for the rest) and its database.
set -eu

# psql quotes the passwords itself, and they never appear on a command line.
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password PORTAL_OWNER_PASSWORD
\getenv app_password PORTAL_APP_PASSWORD
CREATE ROLE portal_owner LOGIN CREATEDB NOSUPERUSER PASSWORD :'owner_password';
CREATE ROLE portal_app LOGIN NOSUPERUSER PASSWORD :'app_password';
CREATE DATABASE portal OWNER portal_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
SQL
