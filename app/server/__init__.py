"""What the web server adds to Streamlit's: headers, silence towards the outside, and a word about who may launch."""
