//! The rows of registrations.

use sspr_config::{language::Language, settings::Method};

use super::{Invitation, Registered, Registration, Registrations, lookup, open, seal};
use crate::{
    account::{Id, Name},
    clock::Time,
    contact::Contact,
    error::{Error, Result},
    keys::{Keys, Tag},
    random::Random,
    store::{Pictures, Tx, Unanswered, id_of, sql},
};

impl Registrations for Tx<'_> {
    async fn get(&mut self, keys: &Keys, name: Name<'_>) -> Result<Option<Registration>> {
        let Some(row) = sql::query("SELECT id, confirmed FROM registration WHERE realm = $1 AND name = $2")
            .of(name)
            .fetch_optional(self)
            .await?
        else {
            return Ok(None);
        };
        let id = id_of(&row, 0)?;
        let rows = sql::query(
            "SELECT id, method, sealed, preferred, usable, source FROM contact WHERE realm = $1 AND name = $2 ORDER BY id",
        )
        .of(name)
        .fetch_all(self)
        .await?;
        let contacts = rows
            .iter()
            .map(|row| {
                let (method, sealed): (String, Vec<u8>) = (row.try_get(1)?, row.try_get(2)?);
                let contact = open(keys, name, id, &method, &sealed)?;
                let (preferred, usable, source) = (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
                Ok(Registered { id: row.try_get(0)?, contact, preferred, usable, source })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Some(Registration { id, confirmed: row.try_get(1)?, contacts }))
    }

    async fn another_mailbox(&mut self, keys: &Keys, name: Name<'_>) -> Result<Option<Contact>> {
        let row = sql::query(
            "SELECT c.realm, c.name, r.id, c.method, c.sealed FROM contact AS c JOIN registration AS r USING (realm, name) \
             WHERE c.method = 'email' AND c.usable = 1 AND (c.realm <> $1 OR c.name <> $2) ORDER BY c.id DESC LIMIT 1",
        )
        .of(name)
        .fetch_optional(self)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (realm, owner, method): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(3)?);
        let sealed: Vec<u8> = row.try_get(4)?;
        let owner = Name { realm: &realm, name: &owner };
        Ok(Some(open(keys, owner, id_of(&row, 2)?, &method, &sealed)?))
    }

    async fn set_language(&mut self, name: Name<'_>, language: Language) -> Result<()> {
        sql::query("UPDATE registration SET language = $1 WHERE realm = $2 AND name = $3")
            .bind(language.tag())
            .of(name)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn find_contact(&mut self, name: Name<'_>, method: Method, lookup: Option<&Tag>) -> Result<Option<i64>> {
        Ok(sql::query_scalar(
            "SELECT id FROM contact WHERE realm = $1 AND name = $2 AND method = $3 AND usable = 1 \
                 AND ($4 IS NULL OR lookup = $4) ORDER BY preferred DESC, id LIMIT 1",
        )
        .of(name)
        .bind(method.as_str())
        .bind(lookup.map(Tag::as_slice))
        .fetch_optional(self)
        .await?)
    }

    async fn ensure(&mut self, name: Name<'_>, id: Id, now: Time) -> Result<()> {
        sql::query("DELETE FROM registration WHERE realm = $1 AND name = $2 AND id <> $3")
            .of(name)
            .bind(id.as_str())
            .execute(self)
            .await?;
        sql::query(
            "INSERT INTO registration (realm, name, id, created, confirmed) VALUES ($1, $2, $3, $4, $4) \
             ON CONFLICT (realm, name) DO NOTHING",
        )
        .of(name)
        .bind(id.as_str())
        .bind(now)
        .execute(self)
        .await?;
        Ok(())
    }

    async fn add_contact(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        name: Name<'_>,
        id: Id,
        contact: &Contact,
        now: Time,
    ) -> Result<()> {
        Registrations::ensure(self, name, id, now).await?;
        let sealed = seal(keys, random, name, id, contact)?;
        sql::query(
            "INSERT INTO contact (realm, name, method, sealed, lookup, created, verified) VALUES ($1, $2, $3, $4, $5, $6, $6) \
             ON CONFLICT (realm, name, lookup) DO UPDATE \
             SET sealed = excluded.sealed, usable = 1, source = NULL, verified = excluded.verified",
        )
        .of(name)
        .bind(contact.method().as_str())
        .bind(sealed)
        .bind(lookup(keys, contact).as_slice())
        .bind(now)
        .execute(self)
        .await?;
        Registrations::confirm(self, name, now).await?;
        settle_preferred(self, name).await
    }

    async fn import_contact(
        &mut self,
        keys: &Keys,
        random: &dyn Random,
        name: Name<'_>,
        id: Id,
        contact: &Contact,
        usable: bool,
        now: Time,
    ) -> Result<bool> {
        Registrations::ensure(self, name, id, now).await?;
        let sealed = seal(keys, random, name, id, contact)?;
        let done = sql::query(
            "INSERT INTO contact (realm, name, method, sealed, lookup, created, usable) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (realm, name, lookup) DO NOTHING",
        )
        .of(name)
        .bind(contact.method().as_str())
        .bind(sealed)
        .bind(lookup(keys, contact).as_slice())
        .bind(now)
        .bind(usable)
        .execute(self)
        .await?;
        settle_preferred(self, name).await?;
        Ok(done.rows_affected() == 1)
    }

    async fn remove_contact(&mut self, name: Name<'_>, id: i64) -> Result<bool> {
        let done = sql::query("DELETE FROM contact WHERE id = $1 AND realm = $2 AND name = $3")
            .bind(id)
            .of(name)
            .execute(self)
            .await?;
        settle_preferred(self, name).await?;
        Ok(done.rows_affected() == 1)
    }

    async fn prefer(&mut self, name: Name<'_>, id: i64) -> Result<bool> {
        let done = sql::query(
            "UPDATE contact SET preferred = CASE WHEN id = $1 THEN 1 ELSE 0 END WHERE realm = $2 AND name = $3 AND method = \
             (SELECT method FROM contact WHERE id = $1 AND realm = $2 AND name = $3 AND usable = 1)",
        )
        .bind(id)
        .of(name)
        .execute(self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn confirm(&mut self, name: Name<'_>, now: Time) -> Result<()> {
        sql::query("UPDATE registration SET confirmed = $1 WHERE realm = $2 AND name = $3")
            .bind(now)
            .of(name)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn put_asked_back(&mut self, name: Name<'_>, former: Option<Time>) -> Result<()> {
        sql::query("UPDATE registration SET asked = $1 WHERE realm = $2 AND name = $3")
            .bind(former)
            .of(name)
            .execute(self)
            .await?;
        Ok(())
    }

    async fn asked(&mut self, name: Name<'_>, now: Time) -> Result<()> {
        Registrations::put_asked_back(self, name, Some(now)).await
    }

    async fn enough(&mut self, name: Name<'_>, now: Time) -> Result<()> {
        sql::query("UPDATE registration SET checked = $1 WHERE realm = $2 AND name = $3")
            .bind(now)
            .of(name)
            .execute(self)
            .await?;
        sql::query("DELETE FROM invitation WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        Ok(())
    }

    async fn forget(&mut self, name: Name<'_>) -> Result<bool> {
        Unanswered::forget(self, name).await?;
        Pictures::seen(self, name).await?;
        sql::query("DELETE FROM invitation WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        let done = sql::query("DELETE FROM registration WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        Ok(done.rows_affected() == 1)
    }

    async fn keep_only(&mut self, realm: &str, living: &[(String, Id)]) -> Result<u64> {
        let living = serde_json::to_string(living).map_err(|error| Error::Store(sqlx::Error::Encode(error.into())))?;
        let mut gone = 0;
        for statement in [
            "DELETE FROM exemption WHERE realm = $1 AND (name, id) NOT IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($2))",
            "DELETE FROM invitation WHERE realm = $1 AND (name, id) NOT IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($2))",
            "DELETE FROM unanswered WHERE realm = $1 AND (name, id) NOT IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($2))",
            "DELETE FROM picture WHERE realm = $1 AND (name, id) NOT IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($2))",
            "DELETE FROM helpdesk_code WHERE realm = $1 \
                 AND (name, account) NOT IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($2))",
            "DELETE FROM registration WHERE realm = $1 AND (name, id) NOT IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($2))",
        ] {
            gone = sql::query(statement).bind(realm).bind(&living).execute(self).await?.rows_affected();
        }
        // The number of registrations, which the last statement deleted.
        Ok(gone)
    }

    async fn withdraw(&mut self, name: Name<'_>, now: Time) -> Result<bool> {
        sql::query(
            "INSERT INTO invitation (realm, name, id, first_time, last_time) \
             SELECT realm, name, id, created, $3 FROM registration WHERE realm = $1 AND name = $2 \
             ON CONFLICT (realm, name) DO UPDATE SET id = excluded.id, last_time = excluded.last_time, \
                 first_time = min(excluded.first_time, coalesce(invitation.first_time, excluded.first_time))",
        )
        .of(name)
        .bind(now)
        .execute(self)
        .await?;
        let done = sql::query("DELETE FROM registration WHERE realm = $1 AND name = $2").of(name).execute(self).await?;
        Ok(done.rows_affected() == 1)
    }

    async fn invite(&mut self, name: Name<'_>, id: Id, seen: bool, now: Time) -> Result<()> {
        sql::query("DELETE FROM invitation WHERE realm = $1 AND name = $2 AND id <> $3")
            .of(name)
            .bind(id.as_str())
            .execute(self)
            .await?;
        sql::query(
            "INSERT INTO invitation (realm, name, id, first_time, last_time) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (realm, name) DO UPDATE SET last_time = excluded.last_time, \
                 first_time = coalesce(invitation.first_time, excluded.first_time)",
        )
        .of(name)
        .bind(id.as_str())
        .bind(seen.then_some(now))
        .bind(now)
        .execute(self)
        .await?;
        Ok(())
    }

    async fn days_begin(&mut self, name: Name<'_>, id: Id, now: Time) -> Result<()> {
        // The time of the last question is 0, so that the next host that can ask does so.
        sql::query(
            "INSERT INTO invitation (realm, name, id, first_time, last_time) VALUES ($1, $2, $3, $4, 0) \
             ON CONFLICT (realm, name) DO UPDATE SET first_time = coalesce(invitation.first_time, excluded.first_time)",
        )
        .of(name)
        .bind(id.as_str())
        .bind(now)
        .execute(self)
        .await?;
        Ok(())
    }

    async fn put_invitation_back(&mut self, name: Name<'_>, id: Id, former: Option<Invitation>) -> Result<()> {
        match former {
            Some(former) => {
                sql::query(
                    "UPDATE invitation SET last_time = $1 WHERE realm = $2 AND name = $3 AND id = $4 AND first_time IS NOT DISTINCT FROM $5",
                )
                .bind(former.last)
                .of(name)
                .bind(id.as_str())
                .bind(former.first)
                .execute(self)
                .await?;
            }
            None => {
                sql::query("DELETE FROM invitation WHERE realm = $1 AND name = $2 AND id = $3 AND first_time IS NULL")
                    .of(name)
                    .bind(id.as_str())
                    .execute(self)
                    .await?;
            }
        }
        Ok(())
    }
}

/// Makes exactly one usable contact of each method the preferred one: the one that was, otherwise the oldest.
pub(in crate::store) async fn settle_preferred(tx: &mut Tx<'_>, name: Name<'_>) -> Result<()> {
    sql::query(
        "UPDATE contact SET preferred = CASE WHEN id = (SELECT c.id FROM contact AS c \
             WHERE c.realm = contact.realm AND c.name = contact.name AND c.method = contact.method AND c.usable = 1 \
             ORDER BY c.preferred DESC, c.id LIMIT 1) THEN 1 ELSE 0 END WHERE realm = $1 AND name = $2",
    )
    .of(name)
    .execute(tx)
    .await?;
    Ok(())
}
