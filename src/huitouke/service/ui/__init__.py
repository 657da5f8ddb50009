"""What all pages are drawn with: components, layouts, languages, themes, small scripts."""
