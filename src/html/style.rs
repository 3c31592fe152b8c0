//! What an element does to the text inside it, and what its `style` attribute says about that.

/// What holds inside an element; a small set of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Effects(u16);

impl Effects {
    /// Nothing.
    pub(super) const NONE: Self = Self(0);
    /// Not displayed; shown after all when the page shows nothing else.
    pub(super) const HIDDEN: Self = Self(1);
    /// Never text.
    pub(super) const DROPPED: Self = Self(1 << 1);
    /// Inside an element the site's rules chose.
    pub(super) const CONTENT: Self = Self(1 << 2);
    /// White space is kept.
    pub(super) const KEEP_SPACE: Self = Self(1 << 3);
    /// Line ends are kept, other white space is not.
    pub(super) const KEEP_LINES: Self = Self(1 << 4);
    /// In SVG or `MathML`.
    pub(super) const FOREIGN: Self = Self(1 << 5);
    /// In a heading or a `<summary>`.
    pub(super) const HEADING: Self = Self(1 << 6);
    /// The element itself stands on lines of its own, whatever its name. Not inherited.
    pub(super) const BLOCK: Self = Self(1 << 7);
    /// In a link.
    pub(super) const LINK: Self = Self(1 << 8);
    /// What is not inherited.
    const LOCAL: Self = Self::BLOCK;

    /// Whether any of the flags in `other` is set.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets.
    #[must_use]
    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set without `other`.
    #[must_use]
    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What holds inside a child with effects of its `own`. A rule that names an element as content knows better
    /// than the page whether its readers get to see it, so hiding around it ends there.
    #[must_use]
    pub(super) const fn enter(self, own: Self) -> Self {
        let outside = if own.has(Self::CONTENT) { self.without(Self::HIDDEN) } else { self };
        outside.with(own).without(Self::LOCAL)
    }

    /// Whether text here is out of sight for good.
    pub(super) const fn is_mute(self) -> bool {
        self.has(Self::HIDDEN.with(Self::DROPPED))
    }
}

/// The effects of an inline style: hidden, a block, or white space that counts.
///
/// Hidden are `display: none`, `visibility: hidden` and `collapse`, `font-size: 0`, an `opacity` of 0 unless the same
/// style animates it (`transform`, `transition`, `animation`, `will-change`, `filter`: text that fades in is there to
/// be read), a position or indent at least 900 px off the page, and `clip: rect(0…)`.
pub(super) fn effects(style: &[u8]) -> Effects {
    let mut effects = Effects::NONE;
    let mut transparent = false;
    let mut animated = false;
    for declaration in style.split(|&byte| byte == b';') {
        let Some(colon) = memchr::memchr(b':', declaration) else {
            continue;
        };
        let value = declaration[colon + 1..].trim_ascii();
        let Some(property) = Property::from_name(declaration[..colon].trim_ascii()) else {
            continue;
        };
        match property {
            Property::Opacity => transparent = is_zero(value),
            Property::Motion => animated = animated || !starts(value, b"none"),
            _ => effects = effects.with(property.effect(value)),
        }
    }
    if transparent && !animated { effects.with(Effects::HIDDEN) } else { effects }
}

/// The properties looked at.
#[derive(Debug, Clone, Copy)]
enum Property {
    Display,
    Visibility,
    Opacity,
    FontSize,
    Offset,
    Clip,
    WhiteSpace,
    Motion,
}

impl Property {
    fn from_name(name: &[u8]) -> Option<Self> {
        const NAMES: [(&[u8], Property); 17] = [
            (b"display", Property::Display),
            (b"visibility", Property::Visibility),
            (b"opacity", Property::Opacity),
            (b"font-size", Property::FontSize),
            (b"left", Property::Offset),
            (b"right", Property::Offset),
            (b"top", Property::Offset),
            (b"bottom", Property::Offset),
            (b"text-indent", Property::Offset),
            (b"margin-left", Property::Offset),
            (b"clip", Property::Clip),
            (b"white-space", Property::WhiteSpace),
            (b"transform", Property::Motion),
            (b"transition", Property::Motion),
            (b"animation", Property::Motion),
            (b"will-change", Property::Motion),
            (b"filter", Property::Motion),
        ];
        let (_, property) = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?;
        Some(*property)
    }

    fn effect(self, value: &[u8]) -> Effects {
        match self {
            Self::Display if starts(value, b"none") => Effects::HIDDEN,
            Self::Display
                if [&b"block"[..], b"flex", b"grid", b"list-item", b"table"].iter().any(|word| is(value, word)) =>
            {
                Effects::BLOCK
            }
            Self::Visibility if starts(value, b"hidden") || starts(value, b"collapse") => Effects::HIDDEN,
            Self::FontSize if is_zero(value) => Effects::HIDDEN,
            Self::Offset if is_far_off(value) => Effects::HIDDEN,
            Self::Clip if starts(value, b"rect(0") => Effects::HIDDEN,
            Self::WhiteSpace if starts(value, b"pre") || starts(value, b"break-spaces") => Effects::KEEP_LINES,
            _ => Effects::NONE,
        }
    }
}

fn starts(value: &[u8], prefix: &[u8]) -> bool {
    value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// The keyword alone or with `!important`.
fn is(value: &[u8], keyword: &[u8]) -> bool {
    starts(value, keyword) && matches!(value.get(keyword.len()), None | Some(b' ' | b'!'))
}

/// A number that is zero, whatever its unit: `0`, `0px`, `.0em`, `0%`.
fn is_zero(value: &[u8]) -> bool {
    let number = value.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
    let mut digits = 0;
    let zeros = number.filter(|byte| **byte != b'.').inspect(|_| digits += 1).all(|byte| *byte == b'0');
    zeros && digits > 0
}

/// A negative length of at least 900 pixels, or 90 of a larger unit.
fn is_far_off(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"-") else {
        return false;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number =
        rest[..digits].iter().fold(0_u32, |sum, byte| sum.saturating_mul(10).saturating_add(u32::from(byte - b'0')));
    let unit = rest[digits..].iter().position(u8::is_ascii_alphabetic).map_or(&b""[..], |i| &rest[digits + i..]);
    let enough = if starts(unit, b"em") || starts(unit, b"rem") || starts(unit, b"vw") { 90 } else { 900 };
    number >= enough
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_that_hide() {
        for style in [
            "display:none", "color:red; DISPLAY : None !important", "visibility:hidden", "opacity:0", "opacity: 0.00;",
            "font-size:0px", "position:absolute;left:-9999px", "text-indent:-999em", "top:-1000px",
            "clip:rect(0 0 0 0)",
        ] {
            assert!(effects(style.as_bytes()).has(Effects::HIDDEN), "{style}");
        }
    }

    #[test]
    fn styles_that_do_not_hide() {
        for style in [
            "", ";", ":", "display:block", "opacity:0.5", "opacity:", "font-size:10px", "left:-20px",
            "text-indent:2em", "opacity:0;transform:translateY(10px)", "background:none", "margin-left:-15px",
            "visibility:visible", "font-size:0.9em",
        ] {
            assert!(!effects(style.as_bytes()).has(Effects::HIDDEN), "{style}");
        }
    }

    #[test]
    fn styles_that_shape_lines() {
        assert!(effects(b"display:block").has(Effects::BLOCK));
        assert!(!effects(b"display:inline-block").has(Effects::BLOCK));
        assert!(effects(b"white-space:pre-wrap").has(Effects::KEEP_LINES));
    }
}
