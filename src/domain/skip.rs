//! Why somebody gets no notice.

use super::run::names;

names! {
    /// Why somebody gets no notice in this run.
    Skip {
        /// State other than approved.
        Unlicensed = "unlicensed",
        /// The password lives in a directory.
        Directory = "directory",
        /// The person signs in through another identity provider.
        TrustedIdp = "trusted-idp",
        /// A reset is under way already.
        ResetPending = "reset-pending",
        /// Never signed in.
        Unactivated = "unactivated",
        /// Suspended.
        Suspended = "suspended",
        /// Must answer security questions first.
        SecurityQuestions = "security-questions-required",
        /// A status that OneLogin does not document.
        UnknownStatus = "unknown-status",
        /// `statuses` leaves this status out before the expiry.
        StatusNotMailed = "status-not-mailed",
        /// No password was ever set.
        NeverSet = "password-never-set",
        /// Nobody says how long the password lasts.
        AgeUnknown = "age-unknown",
        /// The password does not expire.
        NeverExpires = "never-expires",
        /// A rule says `notify = "none"`.
        NotNotified = "notify-none",
        /// No usable address, and no fallback.
        NoAddress = "no-address",
        /// The manager is unknown, has no address, or is not in good standing.
        NoManager = "no-manager",
        /// Nothing is due today.
        NotDue = "not-due",
        /// What is due was dealt with before.
        AlreadyNotified = "already-notified",
        /// Expired, and `notice_after_expiry` is off.
        Expired = "expired",
        /// Expired longer than `after_expiry_within`.
        LongExpired = "long-expired",
    }
}
