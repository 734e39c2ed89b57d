//! The results of PAM's calls, by their numbers in `_pam_types.h`.

use std::ffi::c_int;

pub(super) const PAM_SUCCESS: c_int = 0;
pub(super) const PAM_CONV_ERR: c_int = 19;

/// The reason for PAM's refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// `PAM_PERM_DENIED`
    PermDenied,
    /// `PAM_AUTH_ERR`
    AuthErr,
    /// `PAM_USER_UNKNOWN`
    UserUnknown,
    /// `PAM_MAXTRIES`
    MaxTries,
    /// `PAM_AUTHTOK_ERR`
    AuthtokErr,
    /// `PAM_AUTHTOK_LOCK_BUSY`
    LockBusy,
    /// `PAM_TRY_AGAIN`
    TryAgain,
    /// Anything else, by its number in `_pam_types.h`.
    Other(c_int),
}

impl Failure {
    const TABLE: [(Self, c_int); 7] = [
        (Self::PermDenied, 6),
        (Self::AuthErr, 7),
        (Self::UserUnknown, 10),
        (Self::MaxTries, 11),
        (Self::AuthtokErr, 20),
        (Self::LockBusy, 22),
        (Self::TryAgain, 24),
    ];

    pub(super) fn from_raw(code: c_int) -> Self {
        Self::TABLE.into_iter().find(|(_, n)| *n == code).map_or(Self::Other(code), |(f, _)| f)
    }

    pub(super) fn to_raw(self) -> c_int {
        match self {
            Self::Other(code) => code,
            known => Self::TABLE.into_iter().find(|(f, _)| *f == known).map_or(PAM_CONV_ERR, |(_, n)| n),
        }
    }
}

pub(super) fn checked(code: c_int) -> Result<(), Failure> {
    if code == PAM_SUCCESS { Ok(()) } else { Err(Failure::from_raw(code)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_pam_comes_back_as_itself() {
        for code in 1..=40 {
            let failure = Failure::from_raw(code);
            assert_eq!(failure.to_raw(), code);
            assert_eq!(checked(code), Err(failure));
        }
        assert_eq!(checked(0), Ok(()));
    }
}
